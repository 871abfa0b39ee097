-- A column of a composite primary key goes
-- before
CREATE TABLE t (tenant INT NOT NULL, id INT NOT NULL, a INT, PRIMARY KEY (tenant, id), KEY (a));
-- after
CREATE TABLE t (id INT NOT NULL, a INT, PRIMARY KEY (id), KEY (a));
-- expect
alter_table: ALTER TABLE `t` DROP PRIMARY KEY, ADD PRIMARY KEY (`id`)
  reason: primary key of `t`: fails while two rows hold the same values
drop_column: ALTER TABLE `t` DROP COLUMN `tenant`
  lost: column `t`.`tenant` with its values
