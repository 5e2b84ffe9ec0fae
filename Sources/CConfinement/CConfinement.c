#include "CConfinement.h"
