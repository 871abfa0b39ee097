-- A key with another name is renamed: both are the same, no data can follow a wrong guess
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY k2 (b), UNIQUE KEY ua (a));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY knew (b), UNIQUE KEY ub (a));
-- expect
rename_index: ALTER TABLE `t` RENAME INDEX `ua` TO `ub`, RENAME INDEX `k2` TO `knew`
