-- A table goes while the parent of its foreign key changes
-- before
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE gone (id INT PRIMARY KEY, pid INT, CONSTRAINT g FOREIGN KEY (pid) REFERENCES p (id));
-- after
CREATE TABLE p (id BIGINT PRIMARY KEY);
-- expect mariadb
drop_foreign_key: ALTER TABLE `gone` DROP FOREIGN KEY `g`
  reason: foreign key `gone`.`g`: column `p`.`id` changes
modify_column: ALTER TABLE `p` MODIFY COLUMN `id` bigint(20) NOT NULL
drop_table: DROP TABLE `gone`
  lost: table `gone` with its rows
-- expect mysql
drop_foreign_key: ALTER TABLE `gone` DROP FOREIGN KEY `g`
  reason: foreign key `gone`.`g`: column `p`.`id` changes
modify_column: ALTER TABLE `p` MODIFY COLUMN `id` bigint NOT NULL
drop_table: DROP TABLE `gone`
  lost: table `gone` with its rows
