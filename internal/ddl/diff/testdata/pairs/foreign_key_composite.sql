-- Foreign keys over several columns
-- before
CREATE TABLE p (a INT, b INT, c INT, PRIMARY KEY (a, b));
CREATE TABLE c (id INT PRIMARY KEY, pa INT, pb INT, CONSTRAINT f FOREIGN KEY (pa, pb) REFERENCES p (a, b));
-- data
INSERT INTO p VALUES (1, 1, 1);
INSERT INTO c VALUES (1, 1, 1);
-- after
CREATE TABLE p (a INT, b INT, c INT, PRIMARY KEY (a, b), KEY (b, a), UNIQUE KEY (a));
CREATE TABLE c (id INT PRIMARY KEY, pa INT, pb BIGINT, CONSTRAINT f FOREIGN KEY (pa) REFERENCES p (a));
-- expect mariadb
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `f`
alter_table: ALTER TABLE `c` DROP INDEX `f`, MODIFY COLUMN `pb` bigint(20) DEFAULT NULL, ADD KEY `f` (`pa`)
add_index: ALTER TABLE `p` ADD UNIQUE KEY `a` (`a`), ADD KEY `b` (`b`,`a`)
  reason: index `p`.`a`: fails while two rows hold the same values
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `f` FOREIGN KEY (`pa`) REFERENCES `p` (`a`)
  reason: foreign key `c`.`f`: fails while a row has no parent
-- expect mysql
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `f`
alter_table: ALTER TABLE `c` DROP INDEX `f`, MODIFY COLUMN `pb` bigint DEFAULT NULL, ADD KEY `f` (`pa`)
add_index: ALTER TABLE `p` ADD UNIQUE KEY `a` (`a`), ADD KEY `b` (`b`,`a`)
  reason: index `p`.`a`: fails while two rows hold the same values
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `f` FOREIGN KEY (`pa`) REFERENCES `p` (`a`)
  reason: foreign key `c`.`f`: fails while a row has no parent
