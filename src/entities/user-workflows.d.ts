/** The project's own workflows: the bundler puts their module here. */
declare module 'trainyard-user-workflows';
