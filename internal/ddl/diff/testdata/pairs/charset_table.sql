-- The character set of a table changes, and of the columns that follow it
-- before
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), w VARCHAR(20) CHARACTER SET ascii, x TEXT, e ENUM('a')) CHARSET = latin1;
-- data
INSERT INTO t VALUES (1, 'é', 'a', 'ü', 'a');
-- after
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), w VARCHAR(20) CHARACTER SET ascii, x TEXT, e ENUM('a')) CHARSET = utf8mb4;
-- expect mariadb-10.11
alter_table: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) DEFAULT NULL, MODIFY COLUMN `x` text DEFAULT NULL, MODIFY COLUMN `e` enum('a') DEFAULT NULL, DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci
  lost: spaces at the end beyond 65535 bytes of `t`.`x`
  reason: column `t`.`v`: its collation changes from latin1_swedish_ci to utf8mb4_general_ci; column `t`.`x`: a strict server refuses values longer than 65535 bytes; spaces at the end beyond 65535 bytes are cut without a word; its collation changes from latin1_swedish_ci to utf8mb4_general_ci; column `t`.`e`: its collation changes from latin1_swedish_ci to utf8mb4_general_ci
-- expect mariadb-11.8
alter_table: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) DEFAULT NULL, MODIFY COLUMN `x` text DEFAULT NULL, MODIFY COLUMN `e` enum('a') DEFAULT NULL, DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci
  lost: spaces at the end beyond 65535 bytes of `t`.`x`
  reason: column `t`.`v`: its collation changes from latin1_swedish_ci to utf8mb4_uca1400_ai_ci; column `t`.`x`: a strict server refuses values longer than 65535 bytes; spaces at the end beyond 65535 bytes are cut without a word; its collation changes from latin1_swedish_ci to utf8mb4_uca1400_ai_ci; column `t`.`e`: its collation changes from latin1_swedish_ci to utf8mb4_uca1400_ai_ci
-- expect mysql-9.7
alter_table: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) DEFAULT NULL, MODIFY COLUMN `x` text, MODIFY COLUMN `e` enum('a') DEFAULT NULL, DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci
  reason: column `t`.`v`: its collation changes from latin1_swedish_ci to utf8mb4_0900_ai_ci; column `t`.`x`: a strict server refuses values longer than 65535 bytes; its collation changes from latin1_swedish_ci to utf8mb4_0900_ai_ci; column `t`.`e`: its collation changes from latin1_swedish_ci to utf8mb4_0900_ai_ci
