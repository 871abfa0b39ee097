-- A table with another name is another table
-- before
CREATE TABLE a (id INT PRIMARY KEY, x INT);
CREATE TABLE b (id INT PRIMARY KEY, y INT);
-- after
CREATE TABLE b (id INT PRIMARY KEY, x INT);
CREATE TABLE c (id INT PRIMARY KEY, y INT);
-- expect mariadb
add_column: ALTER TABLE `b` ADD COLUMN `x` int(11) DEFAULT NULL
create_table: CREATE TABLE `c` (`id` int(11) NOT NULL, `y` int(11) DEFAULT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
drop_column: ALTER TABLE `b` DROP COLUMN `y`
  lost: column `b`.`y` with its values
drop_table: DROP TABLE `a`
  lost: table `a` with its rows
-- expect mysql
add_column: ALTER TABLE `b` ADD COLUMN `x` int DEFAULT NULL
create_table: CREATE TABLE `c` (`id` int NOT NULL, `y` int DEFAULT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
drop_column: ALTER TABLE `b` DROP COLUMN `y`
  lost: column `b`.`y` with its values
drop_table: DROP TABLE `a`
  lost: table `a` with its rows
