-- Only the case of a name changes
-- before
CREATE TABLE t (id INT PRIMARY KEY, userid INT, KEY (userid));
-- data
INSERT INTO t VALUES (1, 42);
-- after
CREATE TABLE t (id INT PRIMARY KEY, userId INT, KEY (userid));
-- expect mariadb
modify_column: ALTER TABLE `t` CHANGE COLUMN `userid` `userId` int(11) DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `t` CHANGE COLUMN `userid` `userId` int DEFAULT NULL
