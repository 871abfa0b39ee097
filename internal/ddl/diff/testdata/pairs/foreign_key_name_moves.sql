-- The name of a foreign key moves to another table
-- before
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE a (id INT PRIMARY KEY, pid INT, CONSTRAINT f FOREIGN KEY (pid) REFERENCES p (id));
CREATE TABLE b (id INT PRIMARY KEY, pid INT);
CREATE TABLE gone (id INT PRIMARY KEY, pid INT, CONSTRAINT g FOREIGN KEY (pid) REFERENCES p (id));
-- after
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE a (id INT PRIMARY KEY, pid INT);
CREATE TABLE b (id INT PRIMARY KEY, pid INT, CONSTRAINT f FOREIGN KEY (pid) REFERENCES p (id));
CREATE TABLE fresh (id INT PRIMARY KEY, pid INT, CONSTRAINT g FOREIGN KEY (pid) REFERENCES p (id));
-- expect mariadb
drop_foreign_key: ALTER TABLE `a` DROP FOREIGN KEY `f`
drop_foreign_key: ALTER TABLE `gone` DROP FOREIGN KEY `g`
  reason: foreign key `gone`.`g`: its name is used by another foreign key
drop_index: ALTER TABLE `a` DROP INDEX `f`
add_index: ALTER TABLE `b` ADD KEY `f` (`pid`)
create_table: CREATE TABLE `fresh` (`id` int(11) NOT NULL, `pid` int(11) DEFAULT NULL, PRIMARY KEY (`id`), KEY `g` (`pid`), CONSTRAINT `g` FOREIGN KEY (`pid`) REFERENCES `p` (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
add_foreign_key: ALTER TABLE `b` ADD CONSTRAINT `f` FOREIGN KEY (`pid`) REFERENCES `p` (`id`)
  reason: foreign key `b`.`f`: fails while a row has no parent
drop_table: DROP TABLE `gone`
  lost: table `gone` with its rows
-- expect mysql
drop_foreign_key: ALTER TABLE `a` DROP FOREIGN KEY `f`
drop_foreign_key: ALTER TABLE `gone` DROP FOREIGN KEY `g`
  reason: foreign key `gone`.`g`: its name is used by another foreign key
drop_index: ALTER TABLE `a` DROP INDEX `f`
add_index: ALTER TABLE `b` ADD KEY `f` (`pid`)
create_table: CREATE TABLE `fresh` (`id` int NOT NULL, `pid` int DEFAULT NULL, PRIMARY KEY (`id`), KEY `g` (`pid`), CONSTRAINT `g` FOREIGN KEY (`pid`) REFERENCES `p` (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
add_foreign_key: ALTER TABLE `b` ADD CONSTRAINT `f` FOREIGN KEY (`pid`) REFERENCES `p` (`id`)
  reason: foreign key `b`.`f`: fails while a row has no parent
drop_table: DROP TABLE `gone`
  lost: table `gone` with its rows
