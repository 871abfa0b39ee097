-- A view goes with the column that it reads
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT);
CREATE VIEW v AS SELECT id, a FROM t;
CREATE VIEW av AS SELECT id FROM v;
-- after
CREATE TABLE t (id INT PRIMARY KEY);
-- expect
drop_view: DROP VIEW `av`
drop_view: DROP VIEW `v`
drop_column: ALTER TABLE `t` DROP COLUMN `a`
  lost: column `t`.`a` with its values
