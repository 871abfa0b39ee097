-- Compression of a table goes and comes
-- before
CREATE TABLE op (id INT PRIMARY KEY, a INT, b INT, KEY k (a), UNIQUE KEY u (b)) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8;
-- after
CREATE TABLE op (id INT PRIMARY KEY, a INT, b INT, KEY k (a), UNIQUE KEY u (b)) ROW_FORMAT=DYNAMIC;
-- expect
change_table_options: ALTER TABLE `op` ROW_FORMAT=DYNAMIC, KEY_BLOCK_SIZE=0
