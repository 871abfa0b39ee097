-- A column that takes NULL and yet has no default
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(9), c INT);
ALTER TABLE t ALTER COLUMN c DROP DEFAULT;
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(19), c INT);
ALTER TABLE t ALTER COLUMN a DROP DEFAULT;
ALTER TABLE t ALTER COLUMN b DROP DEFAULT;
CREATE TABLE u (id INT PRIMARY KEY, a INT, b TEXT);
ALTER TABLE u ALTER COLUMN a DROP DEFAULT;
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `b` varchar(19) DEFAULT NULL
create_table: CREATE TABLE `u` (`id` int(11) NOT NULL, `a` int(11) DEFAULT NULL, `b` text DEFAULT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` int, MODIFY COLUMN `b` varchar(19) COLLATE utf8mb4_unicode_ci, MODIFY COLUMN `c` int DEFAULT NULL
modify_column: ALTER TABLE `t` ALTER COLUMN `a` DROP DEFAULT
  reason: column `t`.`a`: an INSERT must name it although it takes NULL
modify_column: ALTER TABLE `t` ALTER COLUMN `b` DROP DEFAULT
  reason: column `t`.`b`: an INSERT must name it although it takes NULL
create_table: CREATE TABLE `u` (`id` int NOT NULL, `a` int, `b` text COLLATE utf8mb4_unicode_ci, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
modify_column: ALTER TABLE `u` ALTER COLUMN `a` DROP DEFAULT
  reason: column `u`.`a`: an INSERT must name it although it takes NULL
