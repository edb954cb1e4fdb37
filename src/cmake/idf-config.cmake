# CMake: find_package(idf), then target_link_libraries(program idf::idf). That is the shared library
# where it is installed, else the static one; idf::static is always the latter. Everything is found
# from where this file lies, so the folder may be moved as a whole.
find_package(Threads REQUIRED)
get_filename_component(_idf_lib "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
foreach(_idf_up "../include" "../../include")
  if(EXISTS "${_idf_lib}/${_idf_up}/idf.h")
    get_filename_component(_idf_include "${_idf_lib}/${_idf_up}" ABSOLUTE)
    break()
  endif()
endforeach()

if(EXISTS "${_idf_lib}/libidf.a" AND NOT TARGET idf::static)
  add_library(idf::static STATIC IMPORTED)
  set_target_properties(idf::static PROPERTIES
    IMPORTED_LOCATION "${_idf_lib}/libidf.a"
    INTERFACE_INCLUDE_DIRECTORIES "${_idf_include}"
    INTERFACE_LINK_LIBRARIES "Threads::Threads;m")
endif()
if(EXISTS "${_idf_lib}/libidf.so" AND NOT TARGET idf::idf)
  add_library(idf::idf SHARED IMPORTED)
  set_target_properties(idf::idf PROPERTIES
    IMPORTED_LOCATION "${_idf_lib}/libidf.so"
    INTERFACE_INCLUDE_DIRECTORIES "${_idf_include}")
endif()
if(TARGET idf::static AND NOT TARGET idf::idf)
  add_library(idf::idf INTERFACE IMPORTED)
  set_target_properties(idf::idf PROPERTIES INTERFACE_LINK_LIBRARIES idf::static)
endif()
if(NOT TARGET idf::idf)
  set(idf_FOUND FALSE)
  set(idf_NOT_FOUND_MESSAGE "there is no libidf in ${_idf_lib}")
endif()
unset(_idf_lib)
unset(_idf_include)
unset(_idf_up)
