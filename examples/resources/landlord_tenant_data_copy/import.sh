# By target and number of the copy. Nothing is copied by this.
terraform import landlord_tenant_data_copy.second_shop bookstore-north/1
