-- MySQL's own default beside the others
-- servers mysql
-- before
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), w VARCHAR(20) COLLATE utf8mb4_0900_ai_ci) COLLATE utf8mb4_0900_ai_ci;
-- after
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20) COLLATE utf8mb4_0900_ai_ci, w VARCHAR(20) COLLATE utf8mb4_0900_as_cs) COLLATE utf8mb4_unicode_ci;
-- expect
alter_table: ALTER TABLE `t` MODIFY COLUMN `w` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_cs DEFAULT NULL, DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  reason: column `t`.`w`: its collation changes from utf8mb4_0900_ai_ci to utf8mb4_0900_as_cs
