import {
  to = landlord_tenant_data_copy.second_shop
  identity = {
    id = "bookstore-north/1"
  }
}
