"""Do customers come back, or is growth bought from strangers?"""
