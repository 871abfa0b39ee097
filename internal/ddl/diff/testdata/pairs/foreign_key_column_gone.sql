-- A column goes with its foreign key
-- before
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, x INT, CONSTRAINT fk1 FOREIGN KEY (pid) REFERENCES p (id));
-- after
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, x INT);
-- expect
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `fk1`
drop_index: ALTER TABLE `c` DROP INDEX `fk1`
drop_column: ALTER TABLE `c` DROP COLUMN `pid`
  lost: column `c`.`pid` with its values
