-- The case of a column that a foreign key stands on
-- before
CREATE TABLE p (userid INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, CONSTRAINT f FOREIGN KEY (pid) REFERENCES p (userid));
-- after
CREATE TABLE p (userId INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, Pid INT, CONSTRAINT f FOREIGN KEY (Pid) REFERENCES p (userId));
-- expect mariadb
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `f`
  reason: foreign key `c`.`f`: dropped and added again: column `c`.`pid` changes
modify_column: ALTER TABLE `c` CHANGE COLUMN `pid` `Pid` int(11) DEFAULT NULL
modify_column: ALTER TABLE `p` CHANGE COLUMN `userid` `userId` int(11) NOT NULL
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `f` FOREIGN KEY (`Pid`) REFERENCES `p` (`userId`)
  reason: foreign key `c`.`f`: dropped and added again: column `c`.`pid` changes; fails while a row has no parent
-- expect mysql
drop_foreign_key: ALTER TABLE `c` DROP FOREIGN KEY `f`
  reason: foreign key `c`.`f`: dropped and added again: column `c`.`pid` changes
modify_column: ALTER TABLE `c` CHANGE COLUMN `pid` `Pid` int DEFAULT NULL
modify_column: ALTER TABLE `p` CHANGE COLUMN `userid` `userId` int NOT NULL
add_foreign_key: ALTER TABLE `c` ADD CONSTRAINT `f` FOREIGN KEY (`Pid`) REFERENCES `p` (`userId`)
  reason: foreign key `c`.`f`: dropped and added again: column `c`.`pid` changes; fails while a row has no parent
