-- Keys over columns of several collations: an example shows their values together
-- before
CREATE TABLE t (a VARCHAR(20) COLLATE utf8mb4_general_ci, b VARCHAR(20) COLLATE utf8mb4_unicode_ci, PRIMARY KEY (a, b), v VARCHAR(9), w VARCHAR(20) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin, UNIQUE KEY u (b, w));
-- data
INSERT INTO t VALUES ('a', 'b', NULL, 'x'), ('A', 'c', 'v', 'x');
-- after
CREATE TABLE t (a VARCHAR(20) COLLATE utf8mb4_bin, b VARCHAR(20) COLLATE utf8mb4_general_ci, PRIMARY KEY (a, b), v VARCHAR(9) NOT NULL, w VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, UNIQUE KEY u (b, w));
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, MODIFY COLUMN `b` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL, MODIFY COLUMN `v` varchar(9) NOT NULL, MODIFY COLUMN `w` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL
  reason: column `t`.`a`: its collation changes from utf8mb4_general_ci to utf8mb4_bin; column `t`.`b`: its collation changes from utf8mb4_unicode_ci to utf8mb4_general_ci; column `t`.`v`: fails while a row holds NULL; column `t`.`w`: its collation changes from utf8mb3_bin to utf8mb4_bin
  found: 1 row of `t` violates NOT NULL of `v`, e.g. `a`, `b` a, b
refused: 1265: ALTER TABLE `t` MODIFY COLUMN `a` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, MODIFY COLUMN `b` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL, MODIFY COLUMN `v` varchar(9) NOT NULL, MODIFY COLUMN `w` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, MODIFY COLUMN `b` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL, MODIFY COLUMN `v` varchar(9) COLLATE utf8mb4_unicode_ci NOT NULL, MODIFY COLUMN `w` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL
  reason: column `t`.`a`: its collation changes from utf8mb4_general_ci to utf8mb4_bin; column `t`.`b`: its collation changes from utf8mb4_unicode_ci to utf8mb4_general_ci; column `t`.`v`: fails while a row holds NULL; column `t`.`w`: its collation changes from utf8mb3_bin to utf8mb4_bin
  found: 1 row of `t` violates NOT NULL of `v`, e.g. `a`, `b` a, b
refused: 1265: ALTER TABLE `t` MODIFY COLUMN `a` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, MODIFY COLUMN `b` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL, MODIFY COLUMN `v` varchar(9) COLLATE utf8mb4_unicode_ci NOT NULL, MODIFY COLUMN `w` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL
