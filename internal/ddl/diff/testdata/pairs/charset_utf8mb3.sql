-- Three bytes become four
-- before
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), w TEXT) CHARSET = utf8mb3;
-- after
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), w TEXT) CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
-- expect mariadb-10.11
alter_table: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) DEFAULT NULL, MODIFY COLUMN `w` text DEFAULT NULL, DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  reason: column `t`.`v`: its collation changes from utf8mb3_general_ci to utf8mb4_unicode_ci; column `t`.`w`: its collation changes from utf8mb3_general_ci to utf8mb4_unicode_ci
-- expect mariadb-11.8
alter_table: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) DEFAULT NULL, MODIFY COLUMN `w` text DEFAULT NULL, DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  reason: column `t`.`v`: its collation changes from utf8mb3_uca1400_ai_ci to utf8mb4_unicode_ci; column `t`.`w`: its collation changes from utf8mb3_uca1400_ai_ci to utf8mb4_unicode_ci
-- expect mysql-9.7
alter_table: ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) COLLATE utf8mb4_unicode_ci DEFAULT NULL, MODIFY COLUMN `w` text COLLATE utf8mb4_unicode_ci, DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  reason: column `t`.`v`: its collation changes from utf8mb3_general_ci to utf8mb4_unicode_ci; column `t`.`w`: its collation changes from utf8mb3_general_ci to utf8mb4_unicode_ci
