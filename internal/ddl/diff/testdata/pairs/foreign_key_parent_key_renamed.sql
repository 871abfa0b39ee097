-- The unique key that a foreign key stands on gets another name
-- before
CREATE TABLE p (id INT PRIMARY KEY, u INT, UNIQUE KEY ku (u));
CREATE TABLE c (id INT PRIMARY KEY, pu INT, CONSTRAINT f FOREIGN KEY (pu) REFERENCES p (u));
-- after
CREATE TABLE p (id INT PRIMARY KEY, u INT, x INT, UNIQUE KEY ku2 (u));
CREATE TABLE c (id INT PRIMARY KEY, pu INT, CONSTRAINT f FOREIGN KEY (pu) REFERENCES p (u));
-- expect mariadb
alter_table: ALTER TABLE `p` ADD COLUMN `x` int(11) DEFAULT NULL, RENAME INDEX `ku` TO `ku2`
-- expect mysql
alter_table: ALTER TABLE `p` ADD COLUMN `x` int DEFAULT NULL, RENAME INDEX `ku` TO `ku2`
