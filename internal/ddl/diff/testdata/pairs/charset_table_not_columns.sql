-- The character set of a table changes, its columns keep theirs
-- before
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), w INT) CHARSET = latin1;
-- after
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20) CHARACTER SET latin1, w BIGINT) CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
-- expect mariadb
alter_table: ALTER TABLE `t` MODIFY COLUMN `w` bigint(20) DEFAULT NULL, DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
-- expect mysql
alter_table: ALTER TABLE `t` MODIFY COLUMN `w` bigint DEFAULT NULL, DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
