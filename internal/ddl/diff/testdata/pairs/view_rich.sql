-- Views with unions, subqueries, window functions and common table expressions
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, s VARCHAR(20));
CREATE VIEW v1 AS SELECT id FROM t UNION SELECT a FROM t;
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, s VARCHAR(20));
CREATE VIEW v1 AS SELECT id FROM t UNION ALL SELECT a FROM t WHERE s LIKE 'it''s, %';
CREATE VIEW v2 AS SELECT id, ROW_NUMBER() OVER (PARTITION BY a ORDER BY id) AS n FROM v1 JOIN t USING (id);
CREATE VIEW a0 AS WITH x AS (SELECT n FROM v2) SELECT COUNT(*) AS c FROM x WHERE n IN (SELECT id FROM v1);
-- expect mariadb
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `v1` AS select `t`.`id` AS `id` from `t` union all select `t`.`a` AS `a` from `t` where `t`.`s` like 'it\'s, %'
create_view: CREATE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `v2` AS select `v1`.`id` AS `id`,row_number() over ( partition by `t`.`a` order by `v1`.`id`) AS `n` from (`v1` join `t` on(`v1`.`id` = `t`.`id`))
create_view: CREATE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `a0` AS with x as (select `v2`.`n` AS `n` from `v2`)select count(0) AS `c` from `x` where `x`.`n` in (select `v1`.`id` from `v1`)
-- expect mysql
replace_view: CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `v1` AS select `t`.`id` AS `id` from `t` union all select `t`.`a` AS `a` from `t` where (`t`.`s` like 'it\'s, %')
create_view: CREATE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `v2` AS select `v1`.`id` AS `id`,row_number() OVER (PARTITION BY `t`.`a` ORDER BY `v1`.`id` ) AS `n` from (`v1` join `t` on((`v1`.`id` = `t`.`id`)))
create_view: CREATE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `a0` AS with `x` as (select `v2`.`n` AS `n` from `v2`) select count(0) AS `c` from `x` where `x`.`n` in (select `v1`.`id` from `v1`)
