-- Comments with quotes, backslashes and line breaks
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT COMMENT 'old');
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT COMMENT 'it''s; "x" \\ -- no comment /* ', b INT) COMMENT 'line one\nline two; `t` 🦊';
-- expect mariadb
alter_table: ALTER TABLE `t` MODIFY COLUMN `a` int(11) DEFAULT NULL COMMENT 'it''s; "x" \\ -- no comment /* ', MODIFY COLUMN `b` int(11) DEFAULT NULL, COMMENT='line one\nline two; `t` ?'
-- expect mysql
alter_table: ALTER TABLE `t` MODIFY COLUMN `a` int DEFAULT NULL COMMENT 'it''s; "x" \\ -- no comment /* ', MODIFY COLUMN `b` int DEFAULT NULL, COMMENT='line one\nline two; `t` ?'
