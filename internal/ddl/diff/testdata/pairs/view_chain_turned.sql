-- Two views exchange which one reads the other
-- before
CREATE TABLE t (id INT PRIMARY KEY);
CREATE VIEW v1 AS SELECT id FROM t;
CREATE VIEW v2 AS SELECT id FROM v1;
-- after
CREATE TABLE t (id INT PRIMARY KEY);
CREATE VIEW v2 AS SELECT id FROM t;
CREATE VIEW v1 AS SELECT id FROM v2;
-- expect
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `v2` AS select `t`.`id` AS `id` from `t`
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `v1` AS select `v2`.`id` AS `id` from `v2`
