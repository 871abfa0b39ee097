-- Only the collation of a column changes
-- before
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20)) CHARSET = utf8mb4 COLLATE = utf8mb4_general_ci;
-- after
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20) COLLATE utf8mb4_bin) CHARSET = utf8mb4 COLLATE = utf8mb4_general_ci;
-- expect
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL
  reason: column `t`.`v`: its collation changes from utf8mb4_general_ci to utf8mb4_bin
