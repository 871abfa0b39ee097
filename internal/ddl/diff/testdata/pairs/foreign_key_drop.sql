-- A foreign key and its index go
-- before
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, CONSTRAINT fk1 FOREIGN KEY (pid) REFERENCES p (id));
-- after
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT);
-- expect
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `fk1`
drop_index: ALTER TABLE `c` DROP INDEX `fk1`
