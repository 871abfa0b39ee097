-- What MySQL prints depends on how a column came to be, and means the same
-- before
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci, w VARCHAR(9) COLLATE utf8mb4_unicode_ci, x VARCHAR(9));
-- after
CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), w VARCHAR(9), x VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci);
-- expect
nothing
