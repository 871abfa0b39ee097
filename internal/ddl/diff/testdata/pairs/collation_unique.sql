-- Two values become equal under the new collation
-- before
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20) COLLATE utf8mb4_bin, UNIQUE KEY uv (v));
-- data
INSERT INTO t VALUES (1, 'a'), (2, 'A'), (3, 'b');
-- after
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20) COLLATE utf8mb4_general_ci, UNIQUE KEY uv (v));
-- expect
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci DEFAULT NULL
  reason: column `t`.`v`: its collation changes from utf8mb4_bin to utf8mb4_general_ci
  found: 2 rows of `t` violate unique key `uv` under the collation utf8mb4_general_ci, e.g. `v` A
refused: 1062: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci DEFAULT NULL
