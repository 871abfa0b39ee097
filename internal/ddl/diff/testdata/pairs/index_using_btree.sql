-- USING BTREE means nothing for InnoDB
-- before
CREATE TABLE t (id INT, a INT, PRIMARY KEY (id) USING BTREE, KEY ka (a) USING BTREE);
-- after
CREATE TABLE t (id INT, a INT, PRIMARY KEY (id), KEY ka (a));
-- expect
nothing
