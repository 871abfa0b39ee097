-- Collations that no MySQL knows
-- servers mariadb
-- before
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), w VARCHAR(20) COLLATE utf8mb4_uca1400_ai_ci);
CREATE TABLE u (id INT PRIMARY KEY, v VARCHAR(20)) COLLATE utf8mb4_uca1400_ai_ci;
-- after
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20) COLLATE utf8mb4_uca1400_as_cs, w VARCHAR(30) COLLATE utf8mb4_uca1400_ai_ci, KEY (w));
CREATE TABLE u (id INT PRIMARY KEY, v VARCHAR(25), x TEXT CHARACTER SET utf8mb3) COLLATE utf8mb4_uca1400_ai_ci;
-- expect mariadb-10.11
alter_table: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_as_cs DEFAULT NULL, MODIFY COLUMN `w` varchar(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_ai_ci DEFAULT NULL, ADD KEY `w` (`w`)
  reason: column `t`.`v`: its collation changes from utf8mb4_unicode_ci to utf8mb4_uca1400_as_cs
alter_table: ALTER TABLE `u` MODIFY COLUMN `v` varchar(25) DEFAULT NULL, ADD COLUMN `x` text CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci DEFAULT NULL
-- expect mariadb-11.8
alter_table: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_as_cs DEFAULT NULL, MODIFY COLUMN `w` varchar(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_ai_ci DEFAULT NULL, ADD KEY `w` (`w`)
  reason: column `t`.`v`: its collation changes from utf8mb4_unicode_ci to utf8mb4_uca1400_as_cs
alter_table: ALTER TABLE `u` MODIFY COLUMN `v` varchar(25) DEFAULT NULL, ADD COLUMN `x` text CHARACTER SET utf8mb3 COLLATE utf8mb3_uca1400_ai_ci DEFAULT NULL
