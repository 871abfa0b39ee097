-- Types that only MariaDB has
-- servers mariadb
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INET4, u UUID);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INET6, v UUID NOT NULL DEFAULT UUID(), u UUID);
-- expect
alter_table: ALTER TABLE `t` DROP COLUMN `a`, ADD COLUMN `a` inet6 DEFAULT NULL AFTER `id`, ADD COLUMN `v` uuid NOT NULL DEFAULT uuid() AFTER `a`
  lost: column `t`.`a` with its values
  reason: column `t`.`a`: no server turns inet4 into inet6: it is dropped and added again
