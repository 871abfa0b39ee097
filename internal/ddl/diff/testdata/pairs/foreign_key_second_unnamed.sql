-- A second foreign key over the same column, and one over more columns
-- before
CREATE TABLE p (id INT PRIMARY KEY, code INT NOT NULL, x INT NOT NULL, UNIQUE KEY u (code), UNIQUE KEY ux (id, x));
CREATE TABLE o (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, FOREIGN KEY (pid) REFERENCES p (id));
CREATE TABLE d (id INT PRIMARY KEY, pid INT, x INT, FOREIGN KEY (pid) REFERENCES p (id));
-- after
CREATE TABLE p (id INT PRIMARY KEY, code INT NOT NULL, x INT NOT NULL, UNIQUE KEY u (code), UNIQUE KEY ux (id, x));
CREATE TABLE o (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, FOREIGN KEY (pid) REFERENCES p (code), FOREIGN KEY (pid) REFERENCES o (id));
CREATE TABLE d (id INT PRIMARY KEY, pid INT, x INT, KEY pid (pid), FOREIGN KEY (pid) REFERENCES p (id), FOREIGN KEY (pid, x) REFERENCES p (id, x));
-- expect
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `c_ibfk_1`
alter_table: ALTER TABLE `d` DROP INDEX `pid`, ADD KEY `pid` (`pid`), ADD KEY `pid_2` (`pid`,`x`)
alter_table: ALTER TABLE `c` DROP INDEX `pid`, ADD KEY `pid` (`pid`), ADD CONSTRAINT `c_ibfk_1` FOREIGN KEY (`pid`) REFERENCES `p` (`code`), ADD CONSTRAINT `c_ibfk_2` FOREIGN KEY (`pid`) REFERENCES `o` (`id`)
  reason: index `c`.`pid`: added again, because a server that made it for a foreign key would give it up for the new one; foreign key `c`.`c_ibfk_1`: fails while a row has no parent; foreign key `c`.`c_ibfk_2`: fails while a row has no parent
alter_table: ALTER TABLE `d` DROP INDEX `pid`, ADD KEY `pid` (`pid`), ADD CONSTRAINT `d_ibfk_2` FOREIGN KEY (`pid`, `x`) REFERENCES `p` (`id`, `x`)
  reason: index `d`.`pid`: added again, because a server that made it for a foreign key would give it up for the new one; foreign key `d`.`d_ibfk_2`: fails while a row has no parent
