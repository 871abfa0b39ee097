-- JSON comes and goes
-- before
CREATE TABLE t (id INT PRIMARY KEY, k JSON);
-- after
CREATE TABLE t (id INT PRIMARY KEY, j JSON NOT NULL);
-- expect mariadb
add_column: ALTER TABLE `t` ADD COLUMN `j` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL CHECK (json_valid(`j`))
  reason: column `t`.`j`: it is NOT NULL without a default: rows that exist get the implicit value of its type
drop_column: ALTER TABLE `t` DROP COLUMN `k`
  lost: column `t`.`k` with its values
-- expect mysql
add_column: ALTER TABLE `t` ADD COLUMN `j` json NOT NULL
  reason: column `t`.`j`: it is NOT NULL without a default: rows that exist get the implicit value of its type
drop_column: ALTER TABLE `t` DROP COLUMN `k`
  lost: column `t`.`k` with its values
