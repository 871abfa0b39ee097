-- An index that the optimizer does not see
-- servers mysql
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY ka (a) INVISIBLE, KEY kb (b));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY ka (a), KEY kb (b) INVISIBLE);
-- expect
modify_index: ALTER TABLE `t` ALTER INDEX `ka` VISIBLE, ALTER INDEX `kb` INVISIBLE
