-- Defaults with quotes, backslashes, bits, line breaks and four-byte characters
-- before
CREATE TABLE t (id INT PRIMARY KEY);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(40) DEFAULT 'it''s "x"; \\ `b`', b BIT(4) DEFAULT b'1010', c VARCHAR(20) DEFAULT 'a\nb\tc', d VARCHAR(20) DEFAULT '🦊', e DECIMAL(4, 2) DEFAULT 1.5, f VARCHAR(20) DEFAULT '', g CHAR(9) DEFAULT 'NULL', h VARBINARY(4) DEFAULT 'ab');
-- expect mariadb-10.11
add_column: ALTER TABLE `t` ADD COLUMN `a` varchar(40) DEFAULT 'it''s "x"; \\ `b`', ADD COLUMN `b` bit(4) DEFAULT b'1010', ADD COLUMN `c` varchar(20) DEFAULT 'a\nb	c', ADD COLUMN `d` varchar(20) DEFAULT '?', ADD COLUMN `e` decimal(4,2) DEFAULT 1.50, ADD COLUMN `f` varchar(20) DEFAULT '', ADD COLUMN `g` char(9) DEFAULT 'NULL', ADD COLUMN `h` varbinary(4) DEFAULT 'ab'
-- expect mariadb-11.8
add_column: ALTER TABLE `t` ADD COLUMN `a` varchar(40) DEFAULT 'it''s "x"; \\ `b`', ADD COLUMN `b` bit(4) DEFAULT b'1010', ADD COLUMN `c` varchar(20) DEFAULT 'a\nb	c', ADD COLUMN `d` varchar(20) DEFAULT '?', ADD COLUMN `e` decimal(4,2) DEFAULT 1.50, ADD COLUMN `f` varchar(20) DEFAULT '', ADD COLUMN `g` char(9) DEFAULT 'NULL', ADD COLUMN `h` varbinary(4) DEFAULT x'6162'
-- expect mysql-9.7
add_column: ALTER TABLE `t` ADD COLUMN `a` varchar(40) COLLATE utf8mb4_unicode_ci DEFAULT 'it''s "x"; \\ `b`', ADD COLUMN `b` bit(4) DEFAULT b'1010', ADD COLUMN `c` varchar(20) COLLATE utf8mb4_unicode_ci DEFAULT 'a\nb	c', ADD COLUMN `d` varchar(20) COLLATE utf8mb4_unicode_ci DEFAULT 0xF09FA68A, ADD COLUMN `e` decimal(4,2) DEFAULT '1.50', ADD COLUMN `f` varchar(20) COLLATE utf8mb4_unicode_ci DEFAULT '', ADD COLUMN `g` char(9) COLLATE utf8mb4_unicode_ci DEFAULT 'NULL', ADD COLUMN `h` varbinary(4) DEFAULT 'ab'
