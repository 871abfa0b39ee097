-- A counter goes and another one comes
-- before
CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, u INT NOT NULL);
-- data
INSERT INTO t (u) VALUES (5), (6);
-- after
CREATE TABLE t (u INT NOT NULL, id2 BIGINT NOT NULL AUTO_INCREMENT, PRIMARY KEY (id2));
-- expect mariadb
alter_table: ALTER TABLE `t` DROP PRIMARY KEY, MODIFY COLUMN `id` int(11) NOT NULL, ADD COLUMN `id2` bigint(20) NOT NULL AUTO_INCREMENT, ADD PRIMARY KEY (`id2`)
drop_column: ALTER TABLE `t` DROP COLUMN `id`
  lost: column `t`.`id` with its values
  found: 2 rows of `t` lose the value of `id`, e.g. `id` 1
-- expect mysql
alter_table: ALTER TABLE `t` DROP PRIMARY KEY, MODIFY COLUMN `id` int NOT NULL, ADD COLUMN `id2` bigint NOT NULL AUTO_INCREMENT, ADD PRIMARY KEY (`id2`)
drop_column: ALTER TABLE `t` DROP COLUMN `id`
  lost: column `t`.`id` with its values
  found: 2 rows of `t` lose the value of `id`, e.g. `id` 1
