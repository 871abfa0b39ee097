-- Characters that the new character set lacks
-- before
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), w VARCHAR(20)) CHARSET = utf8mb4;
-- data
INSERT INTO t VALUES (1, 'é', 'a'), (2, '🦊', 'b');
-- after
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20) CHARACTER SET latin1, w VARCHAR(20) CHARACTER SET ascii) CHARSET = utf8mb4;
-- expect mariadb-10.11
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL, MODIFY COLUMN `w` varchar(20) CHARACTER SET ascii COLLATE ascii_general_ci DEFAULT NULL
  reason: column `t`.`v`: a strict server refuses characters that latin1 lacks; its collation changes from utf8mb4_general_ci to latin1_swedish_ci; column `t`.`w`: a strict server refuses characters that ascii lacks; its collation changes from utf8mb4_general_ci to ascii_general_ci
  found: 1 row of `t` violates the new type of `v`: a character that latin1 lacks, e.g. `id` 2
refused: 1366: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL, MODIFY COLUMN `w` varchar(20) CHARACTER SET ascii COLLATE ascii_general_ci DEFAULT NULL
-- expect mariadb-11.8
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL, MODIFY COLUMN `w` varchar(20) CHARACTER SET ascii COLLATE ascii_general_ci DEFAULT NULL
  reason: column `t`.`v`: a strict server refuses characters that latin1 lacks; its collation changes from utf8mb4_uca1400_ai_ci to latin1_swedish_ci; column `t`.`w`: a strict server refuses characters that ascii lacks; its collation changes from utf8mb4_uca1400_ai_ci to ascii_general_ci
  found: 1 row of `t` violates the new type of `v`: a character that latin1 lacks, e.g. `id` 2
refused: 1366: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL, MODIFY COLUMN `w` varchar(20) CHARACTER SET ascii COLLATE ascii_general_ci DEFAULT NULL
-- expect mysql-9.7
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL, MODIFY COLUMN `w` varchar(20) CHARACTER SET ascii COLLATE ascii_general_ci DEFAULT NULL
  reason: column `t`.`v`: a strict server refuses characters that latin1 lacks; its collation changes from utf8mb4_0900_ai_ci to latin1_swedish_ci; column `t`.`w`: a strict server refuses characters that ascii lacks; its collation changes from utf8mb4_0900_ai_ci to ascii_general_ci
  found: 1 row of `t` violates the new type of `v`: a character that latin1 lacks, e.g. `id` 2
refused: 1366: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL, MODIFY COLUMN `w` varchar(20) CHARACTER SET ascii COLLATE ascii_general_ci DEFAULT NULL
