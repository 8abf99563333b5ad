import gc

gc.disable()  # until all tests are collected: what that makes stays, and looking for garbage is a third of its time
