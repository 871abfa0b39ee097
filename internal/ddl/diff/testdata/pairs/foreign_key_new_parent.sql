-- A foreign key goes over to another parent, and the old one goes
-- before
CREATE TABLE p1 (id INT PRIMARY KEY);
CREATE TABLE p2 (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, CONSTRAINT f FOREIGN KEY (pid) REFERENCES p1 (id));
-- after
CREATE TABLE p2 (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, CONSTRAINT f FOREIGN KEY (pid) REFERENCES p2 (id));
-- expect
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `f`
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `f` FOREIGN KEY (`pid`) REFERENCES `p2` (`id`)
  reason: foreign key `c`.`f`: fails while a row has no parent
drop_table: DROP TABLE `p1`
  lost: table `p1` with its rows
