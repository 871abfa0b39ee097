-- The invisible key that MySQL makes gives way to a real one
-- servers mysql
-- before
SET sql_generate_invisible_primary_key = 1;
CREATE TABLE t (a INT);
CREATE TABLE u (a INT);
SET sql_generate_invisible_primary_key = 0;
-- data
INSERT INTO t VALUES (1), (2);
-- after
CREATE TABLE t (a INT, id INT AUTO_INCREMENT PRIMARY KEY);
CREATE TABLE u (a INT NOT NULL, PRIMARY KEY (a));
-- expect
alter_table: ALTER TABLE `t` DROP PRIMARY KEY, DROP COLUMN `my_row_id`, ADD COLUMN `id` int NOT NULL AUTO_INCREMENT, ADD PRIMARY KEY (`id`)
  lost: column `t`.`my_row_id` with its values
  found: 2 rows of `t` lose the value of `my_row_id`, e.g. `my_row_id` 1
alter_table: ALTER TABLE `u` DROP PRIMARY KEY, DROP COLUMN `my_row_id`, MODIFY COLUMN `a` int NOT NULL, ADD PRIMARY KEY (`a`)
  lost: column `u`.`my_row_id` with its values
  reason: column `u`.`a`: fails while a row holds NULL; primary key of `u`: fails while two rows hold the same values
