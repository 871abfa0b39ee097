-- landlord:description: points for customers who come again
CREATE TABLE loyalty_points (
  customer_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  points      INT UNSIGNED NOT NULL DEFAULT 0,
  CONSTRAINT fk_loyalty_points_customer FOREIGN KEY (customer_id) REFERENCES customers (id)
);
