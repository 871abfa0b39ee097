-- Comments and block sizes of keys
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY ka (a) COMMENT 'it''s one', KEY kb (b));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY ka (a) COMMENT 'it''s "two"', KEY kb (b) COMMENT 'x');
-- expect
alter_table: ALTER TABLE `t` DROP INDEX `ka`, DROP INDEX `kb`, ADD KEY `ka` (`a`) COMMENT 'it''s "two"', ADD KEY `kb` (`b`) COMMENT 'x'
