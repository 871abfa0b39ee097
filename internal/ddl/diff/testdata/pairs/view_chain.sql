-- Views on views over a column that is replaced
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT);
CREATE VIEW v AS SELECT id, a FROM t;
CREATE VIEW v2 AS SELECT id, a FROM v;
CREATE VIEW a3 AS SELECT v2.a FROM v2 JOIN v ON v.id = v2.id;
-- after
CREATE TABLE t (id INT PRIMARY KEY, b INT, c INT);
CREATE VIEW v AS SELECT id, c FROM t;
CREATE VIEW v2 AS SELECT id, c FROM v;
CREATE VIEW a3 AS SELECT v2.c FROM v2 JOIN v ON v.id = v2.id;
-- expect mariadb
add_column: ALTER TABLE `t` ADD COLUMN `c` int(11) DEFAULT NULL
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `v` AS select `t`.`id` AS `id`,`t`.`c` AS `c` from `t`
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `v2` AS select `v`.`id` AS `id`,`v`.`c` AS `c` from `v`
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `a3` AS select `v2`.`c` AS `c` from (`v2` join `v` on(`v`.`id` = `v2`.`id`))
drop_column: ALTER TABLE `t` DROP COLUMN `a`
  lost: column `t`.`a` with its values
-- expect mysql
add_column: ALTER TABLE `t` ADD COLUMN `c` int DEFAULT NULL
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `v` AS select `t`.`id` AS `id`,`t`.`c` AS `c` from `t`
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `v2` AS select `v`.`id` AS `id`,`v`.`c` AS `c` from `v`
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `a3` AS select `v2`.`c` AS `c` from (`v2` join `v` on((`v`.`id` = `v2`.`id`)))
drop_column: ALTER TABLE `t` DROP COLUMN `a`
  lost: column `t`.`a` with its values
