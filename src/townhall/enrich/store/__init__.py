"""SQL of what people say of posts, of where a reading is least sure, and of the models a brand has taught."""
