-- What a foreign key does not mind leaves it alone
-- before
CREATE TABLE p (id INT PRIMARY KEY, a INT);
CREATE TABLE c (id INT PRIMARY KEY, pid INT, x INT, CONSTRAINT fk1 FOREIGN KEY (pid) REFERENCES p (id));
-- after
CREATE TABLE p (id INT COMMENT 'the key' PRIMARY KEY, a BIGINT, b INT);
CREATE TABLE c (id INT PRIMARY KEY, x INT, pid INT DEFAULT 7, CONSTRAINT fk1 FOREIGN KEY (pid) REFERENCES p (id));
-- expect mariadb
modify_column: ALTER TABLE `c` MODIFY COLUMN `x` int(11) DEFAULT NULL AFTER `id`, MODIFY COLUMN `pid` int(11) DEFAULT 7
alter_table: ALTER TABLE `p` MODIFY COLUMN `id` int(11) NOT NULL COMMENT 'the key', MODIFY COLUMN `a` bigint(20) DEFAULT NULL, ADD COLUMN `b` int(11) DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `c` MODIFY COLUMN `x` int DEFAULT NULL AFTER `id`, MODIFY COLUMN `pid` int DEFAULT '7'
alter_table: ALTER TABLE `p` MODIFY COLUMN `id` int NOT NULL COMMENT 'the key', MODIFY COLUMN `a` bigint DEFAULT NULL, ADD COLUMN `b` int DEFAULT NULL
