-- A display width is part of the type on MariaDB
-- before
CREATE TABLE t (id INT PRIMARY KEY, a TINYINT(1), b INT(11), c INT(5) ZEROFILL);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a TINYINT, b INT(5), c INT(7) ZEROFILL);
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` tinyint(4) DEFAULT NULL, MODIFY COLUMN `b` int(5) DEFAULT NULL, MODIFY COLUMN `c` int(7) unsigned zerofill DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` tinyint DEFAULT NULL, MODIFY COLUMN `c` int(7) unsigned zerofill DEFAULT NULL
