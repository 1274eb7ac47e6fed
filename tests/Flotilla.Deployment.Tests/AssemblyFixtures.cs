using Flotilla.Deployment.Tests.Support;

[assembly: AssemblyFixture(typeof(TemplateCache))]
