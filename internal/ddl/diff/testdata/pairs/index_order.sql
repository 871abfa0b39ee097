-- The order of keys means nothing where there is a primary key
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY k1 (a), KEY k2 (b));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY k2 (b), KEY k1 (a));
-- expect
nothing
