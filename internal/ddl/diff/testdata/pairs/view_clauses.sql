-- Algorithm, security and check option of a view
-- before
CREATE TABLE t (id INT PRIMARY KEY);
CREATE VIEW v AS SELECT id FROM t WHERE id > 1;
CREATE VIEW w (one, two) AS SELECT id, id + 1 FROM t;
-- after
CREATE TABLE t (id INT PRIMARY KEY);
CREATE ALGORITHM = MERGE SQL SECURITY INVOKER VIEW v AS SELECT id FROM t WHERE id > 1 WITH LOCAL CHECK OPTION;
CREATE VIEW w (one, three) AS SELECT id, id + 1 FROM t;
-- expect mariadb
replace_view: CREATE OR REPLACE ALGORITHM=MERGE DEFINER=me SQL SECURITY INVOKER VIEW `v` AS select `t`.`id` AS `id` from `t` where `t`.`id` > 1 WITH LOCAL CHECK OPTION
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `w` AS select `t`.`id` AS `one`,`t`.`id` + 1 AS `three` from `t`
-- expect mysql
replace_view: CREATE OR REPLACE ALGORITHM=MERGE DEFINER=me SQL SECURITY INVOKER VIEW `v` AS select `t`.`id` AS `id` from `t` where (`t`.`id` > 1) WITH LOCAL CHECK OPTION
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `w` (`one`,`three`) AS select `t`.`id` AS `id`,(`t`.`id` + 1) AS `id + 1` from `t`
