-- A view that vitess does not understand
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT);
CREATE VIEW v AS SELECT id FROM t;
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT);
CREATE VIEW v AS SELECT id FROM t INTERSECT SELECT a FROM t;
-- expect mariadb
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `v` AS select `t`.`id` AS `id` from `t` intersect select `t`.`a` AS `a` from `t`
-- expect mysql
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `v` AS select `t`.`id` AS `id` from `t` intersect select `t`.`a` AS `a` from `t` where ((`t`.`a` is not null) and (`t`.`a` is not null))
