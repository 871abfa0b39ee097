-- Column formats are part of the definition
-- servers mysql
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT COLUMN_FORMAT FIXED, b INT COLUMN_FORMAT DYNAMIC COMMENT 'x');
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` int COLUMN_FORMAT FIXED DEFAULT NULL, MODIFY COLUMN `b` int COLUMN_FORMAT DYNAMIC DEFAULT NULL COMMENT 'x'
