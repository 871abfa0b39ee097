-- landlord:description: what customers say about products
CREATE TABLE reviews (
  product_id  BIGINT UNSIGNED NOT NULL,
  customer_id BIGINT UNSIGNED NOT NULL,
  stars       TINYINT UNSIGNED NOT NULL,
  PRIMARY KEY (product_id, customer_id),
  CONSTRAINT fk_reviews_product FOREIGN KEY (product_id) REFERENCES products (id),
  CONSTRAINT fk_reviews_customer FOREIGN KEY (customer_id) REFERENCES customers (id)
);
